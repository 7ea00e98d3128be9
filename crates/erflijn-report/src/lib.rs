//! Tables, figures and one page, made of nothing but numbers that passed disclosure control.
