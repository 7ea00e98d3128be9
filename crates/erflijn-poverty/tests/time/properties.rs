//! Laws that hold on every panel, and slow twins.
