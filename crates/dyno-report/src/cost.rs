//! What a load costs: plain arithmetic on a capacity, a price and a memory. Where the
//! capacity comes from is the caller's business.
//!
//! The model: an instance runs as many copies of the measured target as its CPUs and its
//! memory hold, each as fast as measured, and is planned to carry a share of that. It
//! takes a vCPU for a CPU of the machine that measured, and every CPU for as fast beside
//! the others: neither is known.

use crate::prices::{Instance, Prices};

/// A target as it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Right answers a second that it can give.
    pub capacity_per_s: f64,
    /// On so many CPUs.
    pub cpus: u32,
    /// In so much memory, bytes; none where that was not seen.
    pub memory_bytes: Option<f64>,
}

/// A target on an instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Copies of the measured target.
    pub copies: u32,
    /// What they are planned to carry, requests a second.
    pub planned_per_s: f64,
    /// What the instance costs at that load, USD an hour.
    pub usd_per_h: f64,
}

impl Fit {
    /// How `measured` goes on `instance`; none where it does not: too few CPUs, too
    /// little memory, or no capacity.
    pub fn of(measured: &Measured, instance: &Instance, prices: &Prices) -> Option<Self> {
        let by_cpus = instance.vcpus.checked_div(measured.cpus)?;
        let room = instance.memory_bytes - prices.reserve_bytes;
        let copies = match measured.memory_bytes {
            Some(bytes) if bytes > 0.0 => (room / bytes).floor().clamp(0.0, by_cpus.into()) as u32,
            _ => by_cpus,
        };
        let planned_per_s = f64::from(copies) * measured.capacity_per_s * prices.load;
        // A copy that is loaded in part uses its CPUs in part.
        let used = f64::from(copies * measured.cpus) / f64::from(instance.vcpus) * prices.load;
        (planned_per_s > 0.0).then(|| Self {
            copies,
            planned_per_s,
            usd_per_h: usd_per_h(instance, used),
        })
    }

    /// USD for a million requests: `price_h / (planned × 3600) × 10⁶`.
    pub fn usd_per_million(&self) -> f64 {
        self.usd_per_h / (self.planned_per_s * 3600.0) * 1e6
    }

    /// Instances for so many requests a second; none for none.
    pub fn instances(&self, requests_per_s: f64) -> Option<u64> {
        (requests_per_s > 0.0).then(|| (requests_per_s / self.planned_per_s).ceil() as u64)
    }
}

/// The price of an hour in which each vCPU is used to the share `used`, on average.
///
/// Of a burstable instance: list price + (used − baseline) × vCPUs × price of a surplus
/// vCPU-hour. A t3.medium at full load costs 0.0416 + 0.8 × 2 × 0.05 = 0.1216 USD, 2.9
/// times its list price.
pub fn usd_per_h(instance: &Instance, used: f64) -> f64 {
    let surplus = instance.credits.map_or(0.0, |credits| {
        let beyond = (used - credits.baseline).max(0.0);
        beyond * f64::from(instance.vcpus) * credits.usd_per_vcpu_h
    });
    instance.usd_per_h + surplus
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::Credits;

    const GIB: f64 = 1_073_741_824.0;

    fn prices(load: f64) -> Prices {
        Prices {
            date: "2026-11-22".to_owned(),
            source: String::new(),
            load,
            reserve_bytes: 0.5 * GIB,
            instances: Vec::new(),
        }
    }

    fn instance(vcpus: u32, credits: Option<Credits>) -> Instance {
        Instance {
            name: "i".to_owned(),
            vcpus,
            memory_bytes: 4.0 * GIB,
            usd_per_h: if credits.is_some() { 0.0416 } else { 0.09 },
            credits,
        }
    }

    const T3: Credits = Credits {
        baseline: 0.2,
        usd_per_vcpu_h: 0.05,
    };

    fn near(seen: f64, expected: f64) {
        assert!((seen / expected - 1.0).abs() < 1e-9, "{seen} {expected}");
    }

    #[test]
    fn a_saturated_burstable_instance_costs_three_times_its_price() {
        for (used, expected) in [(0.0, 0.0416), (0.2, 0.0416), (0.6, 0.0816), (1.0, 0.1216)] {
            near(usd_per_h(&instance(2, Some(T3)), used), expected);
            near(usd_per_h(&instance(2, None), used), 0.09);
        }
    }

    #[test]
    fn as_many_copies_as_cpus_and_memory_hold() {
        let check = |cpus, memory_gib: Option<f64>, vcpus, expected: Option<u32>| {
            let measured = Measured {
                capacity_per_s: 1000.0,
                cpus,
                memory_bytes: memory_gib.map(|gib| gib * GIB),
            };
            let fit = Fit::of(&measured, &instance(vcpus, None), &prices(0.6));
            let copies = fit.map(|fit| fit.copies);
            assert_eq!(copies, expected, "{cpus} {memory_gib:?} {vcpus}");
            if let (Some(fit), Some(copies)) = (fit, copies) {
                near(fit.planned_per_s, f64::from(copies) * 600.0);
            }
        };
        check(1, Some(0.1), 2, Some(2));
        check(2, Some(0.1), 2, Some(1));
        check(2, Some(0.1), 1, None);
        check(2, Some(0.1), 5, Some(2));
        check(1, Some(2.0), 2, Some(1));
        check(1, Some(1.75), 2, Some(2));
        check(1, Some(3.6), 2, None);
        check(1, None, 2, Some(2));
        check(1, Some(0.0), 2, Some(2));
        check(0, Some(0.1), 2, None);
    }

    #[test]
    fn a_million_requests_cost_what_their_hours_cost() {
        let measured = |capacity_per_s| Measured {
            capacity_per_s,
            cpus: 1,
            memory_bytes: Some(0.1 * GIB),
        };
        // 1,000/s on each of two CPUs, at 60 %: 1,200/s, 4.32 million an hour.
        let fit = Fit::of(&measured(1000.0), &instance(2, None), &prices(0.6)).unwrap();
        near(fit.usd_per_million(), 0.09 / 4.32);
        let fit = Fit::of(&measured(1000.0), &instance(2, Some(T3)), &prices(0.6)).unwrap();
        near(fit.usd_per_million(), 0.0816 / 4.32);
        // Half of it loaded: the average use of its CPUs is 30 %.
        let one_cpu = Measured {
            memory_bytes: Some(2.0 * GIB),
            ..measured(1000.0)
        };
        let fit = Fit::of(&one_cpu, &instance(2, Some(T3)), &prices(0.6)).unwrap();
        near(fit.usd_per_million(), 0.0516 / 2.16);
        assert_eq!(
            Fit::of(&measured(0.0), &instance(2, None), &prices(0.6)),
            None
        );
    }

    #[test]
    fn instances_are_whole() {
        let fit = Fit {
            copies: 1,
            planned_per_s: 600.0,
            usd_per_h: 0.09,
        };
        for (rate, expected) in [
            (0.0, None),
            (1.0, Some(1)),
            (600.0, Some(1)),
            (601.0, Some(2)),
            (10_000.0, Some(17)),
        ] {
            assert_eq!(fit.instances(rate), expected, "{rate}");
        }
    }
}
