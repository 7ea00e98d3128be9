use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use erflijn::disclosure::DisclosureReport;
use serde_json::{Map, json};

/// Writes files into a folder, which is made when it does not exist: all of them, or none.
///
/// # Errors
/// A folder or file that cannot be written to; then nothing is.
pub fn write_all(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    ensure!(
        !folder.exists() || folder.is_dir(),
        "output folder {} is a file, expected a folder or a new name",
        folder.display()
    );
    fs::create_dir_all(folder).with_context(|| format!("output folder {}", folder.display()))?;
    Drafts::write(folder, files)?.publish()
}

/// For the output checker why each number may be shown, as JSON and as text; nothing without evidence.
///
/// # Errors
/// Evidence that cannot be written as JSON.
pub fn evidence_files(evidence: &[(String, DisclosureReport)]) -> Result<Vec<(String, Vec<u8>)>> {
    if evidence.is_empty() {
        return Ok(Vec::new());
    }
    let of: Map<_, _> = evidence.iter().map(|(of, report)| (of.clone(), json!(report))).collect();
    let text: String = evidence.iter().map(|(of, report)| format!("{of}\n{report}\n")).collect();
    Ok(vec![
        ("disclosure.json".into(), serde_json::to_vec_pretty(&of)?),
        ("disclosure.txt".into(), text.into_bytes()),
    ])
}

/// Complete files under names of their own, until all of them are there.
struct Drafts {
    /// Draft and final name.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Drafts {
    fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Self> {
        let mut drafts = Self { files: Vec::new() };
        for (name, bytes) in files {
            let (draft, file) = (folder.join(format!("{name}.draft")), folder.join(name));
            ensure!(
                !file.is_dir(),
                "output file {} is a folder, expected a file or a new name",
                file.display()
            );
            drafts.files.push((draft.clone(), file));
            fs::write(&draft, bytes).with_context(|| format!("output file {}", draft.display()))?;
        }
        Ok(drafts)
    }

    fn publish(&self) -> Result<()> {
        self.files.iter().try_for_each(|(draft, file)| {
            fs::rename(draft, file).with_context(|| format!("output file {}", file.display()))
        })
    }
}

impl Drop for Drafts {
    /// Leaves no draft behind: those that were published are gone already.
    fn drop(&mut self) {
        for (draft, _) in &self.files {
            let _ = fs::remove_file(draft);
        }
    }
}
