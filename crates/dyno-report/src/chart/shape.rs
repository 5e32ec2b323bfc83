//! What a chart is made of before anybody draws it: lines, areas, dots and
//! text on a canvas, coordinates in pixels from the upper left.

/// A picture without colours fixed: text and axes follow the page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canvas {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) shapes: Vec<Shape>,
}

/// A point on a canvas.
pub(crate) type Point = (f64, f64);

#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// An open line.
    Line {
        points: Vec<Point>,
        ink: Ink,
        width: f64,
        /// Lengths of strokes and gaps; empty for a line without gaps.
        dash: &'static [f64],
    },
    /// A filled polygon.
    Area {
        points: Vec<Point>,
        ink: Ink,
        opacity: f64,
    },
    Dot {
        centre: Point,
        radius: f64,
        ink: Ink,
        opacity: f64,
    },
    /// A line of text, vertically centred on `at`.
    Text {
        at: Point,
        text: String,
        size: f64,
        ink: Ink,
        anchor: Anchor,
        weight: Weight,
    },
}

/// What something is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Text,
    Muted,
    Grid,
    /// Colour of the n-th target.
    Series(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Okabe and Ito (2008), told apart with every common kind of colour vision,
/// in an order that keeps the paler ones for last.
pub(crate) const PALETTE: &[(u8, u8, u8)] = &[
    (0x00, 0x72, 0xB2),
    (0xD5, 0x5E, 0x00),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
    (0xE6, 0x9F, 0x00),
    (0x56, 0xB4, 0xE9),
];

impl Ink {
    /// Its colour on white paper.
    pub(crate) fn on_paper(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (0x1b, 0x1f, 0x24),
            Self::Muted => (0x57, 0x60, 0x6a),
            Self::Grid => (0xd8, 0xde, 0xe4),
            Self::Series(n) => PALETTE[n % PALETTE.len()],
        }
    }
}

/// The dash of the n-th target, distinct without colour.
pub(crate) fn dash(series: usize) -> &'static [f64] {
    const DASHES: &[&[f64]] = &[
        &[],
        &[8.0, 4.0],
        &[2.0, 3.0],
        &[10.0, 3.0, 2.0, 3.0],
        &[4.0, 2.0],
        &[14.0, 4.0],
    ];
    DASHES[(series + series / DASHES.len()) % DASHES.len()]
}

impl Canvas {
    pub(crate) fn new(width: f64) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, ink: Ink, width: f64) {
        self.shapes.push(Shape::Line {
            points,
            ink,
            width,
            dash: &[],
        });
    }

    pub(crate) fn bar(&mut self, from: Point, to: Point, ink: Ink, opacity: f64) {
        let points = vec![from, (to.0, from.1), to, (from.0, to.1)];
        self.shapes.push(Shape::Area {
            points,
            ink,
            opacity,
        });
    }

    pub(crate) fn dot(&mut self, centre: Point, radius: f64, ink: Ink) {
        self.shapes.push(Shape::Dot {
            centre,
            radius,
            ink,
            opacity: 1.0,
        });
    }

    pub(crate) fn text(&mut self, at: Point, text: &str, style: (f64, Ink, Anchor, Weight)) {
        let (size, ink, anchor, weight) = style;
        self.shapes.push(Shape::Text {
            at,
            text: text.to_owned(),
            size,
            ink,
            anchor,
            weight,
        });
    }

    /// The mark of the n-th target: six forms, so that colour is not needed.
    pub(crate) fn marker(&mut self, (x, y): Point, series: usize) {
        let ink = Ink::Series(series);
        let r = 4.0;
        let points = match (series + series / PALETTE.len()) % 6 {
            0 => return self.dot((x, y), r, ink),
            1 => vec![
                (x - r, y - r),
                (x + r, y - r),
                (x + r, y + r),
                (x - r, y + r),
            ],
            2 => vec![(x, y - 5.0), (x + 5.0, y + r), (x - 5.0, y + r)],
            3 => return self.diamond((x, y), ink),
            4 => vec![(x - 5.0, y - r), (x + 5.0, y - r), (x, y + 5.0)],
            _ => {
                self.bar((x - 5.0, y - 1.5), (x + 5.0, y + 1.5), ink, 1.0);
                return self.bar((x - 1.5, y - 5.0), (x + 1.5, y + 5.0), ink, 1.0);
            }
        };
        self.shapes.push(Shape::Area {
            points,
            ink,
            opacity: 1.0,
        });
    }

    pub(crate) fn diamond(&mut self, (x, y): Point, ink: Ink) {
        self.shapes.push(Shape::Area {
            points: vec![(x, y - 6.0), (x + 6.0, y), (x, y + 6.0), (x - 6.0, y)],
            ink,
            opacity: 1.0,
        });
    }

    /// Adds another picture, moved down by `dy`.
    pub(crate) fn add(&mut self, other: Canvas, dy: f64) {
        let down = |(x, y): Point| (x, y + dy);
        for mut shape in other.shapes {
            match &mut shape {
                Shape::Line { points, .. } | Shape::Area { points, .. } => {
                    points.iter_mut().for_each(|point| *point = down(*point));
                }
                Shape::Dot { centre, .. } => *centre = down(*centre),
                Shape::Text { at, .. } => *at = down(*at),
            }
            self.shapes.push(shape);
        }
        self.height = self.height.max(other.height + dy);
    }
}
