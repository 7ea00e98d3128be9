use std::fs::File;
use std::io;

use csv::{QuoteStyle, Writer, WriterBuilder};

use super::Kind;

/// Semicolon CSV.
pub(super) struct Sink(Writer<File>);

impl Sink {
    pub(super) fn new(file: File, columns: &[(String, Kind)]) -> io::Result<Self> {
        let mut writer = WriterBuilder::new()
            .delimiter(b';')
            .quote_style(QuoteStyle::Never)
            .buffer_capacity(1 << 20)
            .from_writer(file);
        writer.write_record(columns.iter().map(|(name, _)| name))?;
        Ok(Self(writer))
    }

    pub(super) fn row(&mut self, cells: &[&[u8]]) -> io::Result<()> {
        Ok(self.0.write_record(cells)?)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}
