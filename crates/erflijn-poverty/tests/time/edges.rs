//! One year only, all missing, always poor, never poor, gaps, nobody.
