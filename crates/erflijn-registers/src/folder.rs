use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use erflijn_core::SourceFile;

use crate::file_name;
use crate::{Register, RegisterError};

/// One file of a register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterFile {
    /// Where it is.
    pub path: PathBuf,
    /// Which register it is.
    pub register: Register,
    /// Year in its name: of observation for a yearly register, of the edition for a living one.
    pub year: i16,
    /// Month of the edition in its name, 1 to 12; only `VSLGWB` carries one.
    pub month: Option<u8>,
    /// Version in its name; `None` where the name has none, which ranks below version 1.
    pub version: Option<u32>,
}

impl RegisterFile {
    /// Takes register, year and version from a file name.
    ///
    /// Accepted are `<NAME><year>TABV<n>`, `<NAME><year>BUSV<n>`, `VSLGWB<year>TAB<mm>V<n>`, names
    /// without version or without `TAB`, a date and blanks in front, and any case. Not accepted are
    /// provisional files (prefix `VRL`), restricted ones (`GBAPERSOONKTAB`) and the name of one
    /// income era with a year of the other: each is another register. A file with any other name is
    /// read by filling in the fields by hand.
    ///
    /// # Errors
    /// [`RegisterError::UnknownName`], [`RegisterError::UnknownFormat`] for an extension other than
    /// `.sav`, `.zsav`, `.parquet` and `.csv`.
    ///
    /// # Examples
    /// ```
    /// use erflijn_registers::{Register, RegisterFile};
    /// let file = RegisterFile::from_path("inha2020tabv2.ZSAV")?;
    /// assert_eq!((file.register, file.year, file.version), (Register::HouseholdIncome, 2020, Some(2)));
    /// # Ok::<(), erflijn_registers::RegisterError>(())
    /// ```
    pub fn from_path(path: impl Into<PathBuf>) -> Result<Self, RegisterError> {
        let path = path.into();
        if Format::of(&path).is_none() {
            return Err(RegisterError::UnknownFormat { path });
        }
        match path.file_stem().and_then(|stem| file_name::parse(&stem.to_string_lossy())) {
            Some(name) => Ok(Self {
                path,
                register: name.register,
                year: name.year,
                month: name.month,
                version: name.version,
            }),
            None => Err(RegisterError::UnknownName { path }),
        }
    }

    /// The entry of this file in the vintage of a result.
    ///
    /// # Units
    /// `rows` are the rows read, as every layout counts them in its field `rows`.
    #[must_use]
    pub fn source_file(&self, rows: u64) -> SourceFile {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SourceFile { name, version: self.version, rows }
    }
}

/// The register files in a folder and everything below it.
#[derive(Debug, Clone)]
pub struct RegisterFolder {
    folder: PathBuf,
    files: Vec<RegisterFile>,
}

impl RegisterFolder {
    /// Lists a folder.
    ///
    /// Files that are no register of this crate are passed over. Linked folders are not entered, so
    /// that a link to a parent cannot run for ever; linked files are taken.
    ///
    /// # Errors
    /// [`RegisterError::Io`].
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, RegisterError> {
        let folder = folder.into();
        let mut files = Vec::new();
        let mut unvisited = vec![folder.clone()];
        while let Some(next) = unvisited.pop() {
            list(&next, &mut unvisited, &mut files)
                .map_err(|source| RegisterError::Io { path: next.clone(), source })?;
        }
        files.sort();
        Ok(Self { folder, files })
    }

    /// All register files, in order of path.
    #[must_use]
    pub fn files(&self) -> &[RegisterFile] {
        &self.files
    }

    /// Years for which there is a file of `register`, ascending.
    #[must_use]
    pub fn years(&self, register: Register) -> Vec<i16> {
        let mut years: Vec<i16> = self.of(register).map(|file| file.year).collect();
        years.sort_unstable();
        years.dedup();
        years
    }

    /// The file of `register` for `year`, in its highest version.
    ///
    /// Versions are compared as numbers: `V10` is above `V9`. Of a region table the last month
    /// counts before the version.
    ///
    /// # Errors
    /// [`RegisterError::MissingRegister`], [`RegisterError::MissingYear`],
    /// [`RegisterError::SameVersion`] when two files share the highest version, also when they only
    /// differ in format: which of the two is right is not for a program to guess.
    pub fn file(&self, register: Register, year: i16) -> Result<RegisterFile, RegisterError> {
        let years = self.years(register);
        if years.is_empty() {
            return Err(RegisterError::MissingRegister { folder: self.folder.clone(), register });
        }
        let edition = |file: &RegisterFile| (file.month, file.version);
        let mut candidates: Vec<&RegisterFile> = self.of(register).filter(|file| file.year == year).collect();
        let highest = candidates.iter().map(|file| edition(file)).max();
        candidates.retain(|file| Some(edition(file)) == highest);
        match candidates.as_slice() {
            [] => Err(RegisterError::MissingYear { folder: self.folder.clone(), register, year, years }),
            [only] => Ok((*only).clone()),
            [first, second, ..] => {
                let (first, second) = (first.path.clone(), second.path.clone());
                Err(RegisterError::SameVersion { register, year, first, second })
            }
        }
    }

    /// The last year of `register`, in its highest version: for living registers, whose every
    /// edition holds the whole history.
    ///
    /// # Errors
    /// [`RegisterError::MissingRegister`], [`RegisterError::SameVersion`].
    pub fn latest(&self, register: Register) -> Result<RegisterFile, RegisterError> {
        match self.years(register).last() {
            Some(&year) => self.file(register, year),
            None => Err(RegisterError::MissingRegister { folder: self.folder.clone(), register }),
        }
    }

    fn of(&self, register: Register) -> impl Iterator<Item = &RegisterFile> {
        self.files.iter().filter(move |file| file.register == register)
    }
}

fn list(folder: &Path, unvisited: &mut Vec<PathBuf>, files: &mut Vec<RegisterFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            unvisited.push(entry.path());
        } else if kind.is_file() || entry.path().is_file() {
            files.extend(RegisterFile::from_path(entry.path()));
        }
    }
    Ok(())
}

/// File formats, told by extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Spss,
    Parquet,
    Csv,
}

impl Format {
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "sav" | "zsav" => Some(Self::Spss),
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}
