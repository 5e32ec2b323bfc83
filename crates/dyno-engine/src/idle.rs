//! The idle connections of a load thread in the open model: a start that is due
//! goes straight into the hands of the one that has been idle longest, which
//! spreads the load over all of them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::start::Start;

/// Where one connection waits.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    start: Cell<Option<Start>>,
    waker: RefCell<Option<Waker>>,
}

/// Connections that wait for a start.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    /// Open ones, longest idle first.
    open: RefCell<VecDeque<Rc<Seat>>>,
    /// Those that would first have to connect: only when no open one is idle.
    closed: RefCell<VecDeque<Rc<Seat>>>,
    /// No more starts will come.
    over: Cell<bool>,
}

impl Idle {
    /// Hands `start` to an idle connection, or back if there is none.
    pub(crate) fn give(&self, start: Start) -> Result<(), Start> {
        let seat = self.open.borrow_mut().pop_front();
        let Some(seat) = seat.or_else(|| self.closed.borrow_mut().pop_front()) else {
            return Err(start);
        };
        seat.start.set(Some(start));
        if let Some(waker) = seat.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
        Ok(())
    }

    /// Waits for a start; none when no more will come.
    pub(crate) async fn wait(&self, seat: &Rc<Seat>, is_open: bool) -> Option<Start> {
        let mut seated = false;
        poll_fn(|context| {
            if let Some(start) = seat.start.take() {
                return Poll::Ready(Some(start));
            }
            if self.over.get() {
                return Poll::Ready(None);
            }
            if !seated {
                seated = true;
                let ring = if is_open { &self.open } else { &self.closed };
                ring.borrow_mut().push_back(Rc::clone(seat));
            }
            let mut waker = seat.waker.borrow_mut();
            // A task keeps its waker: this copies it once a connection.
            if !(waker.as_ref()).is_some_and(|waker| waker.will_wake(context.waker())) {
                *waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    /// Tells all that no more starts will come.
    pub(crate) fn finish(&self) {
        self.over.set(true);
        let open = self.open.take().into_iter();
        for seat in open.chain(self.closed.take()) {
            if let Some(waker) = seat.waker.borrow().as_ref() {
                waker.wake_by_ref();
            }
        }
    }
}
