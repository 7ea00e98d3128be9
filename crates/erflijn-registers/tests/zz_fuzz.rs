#![allow(clippy::unwrap_used)]
use std::fs;
use erflijn_registers::*;
#[test]
fn flips() {
    let t = tempfile::tempdir().unwrap();
    let mut panics = std::collections::BTreeMap::<String,u32>::new();
    let mut changed_ok = 0u64; let mut err=0u64; let mut same=0u64;
    for e in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"),"/tests/data/sav-samples")).unwrap() {
        let p = e.unwrap().path();
        let n = p.file_name().unwrap().to_str().unwrap().to_owned();
        if !(n.ends_with(".sav")||n.ends_with(".zsav")) {continue;}
        let wants = if n.starts_with("INHA") {vec![Want::text("RINPERSOONHKW"),Want::number("INHBESTINKH"),Want::code("INHPOPIIV")]} else {vec![Want::text("RINPERSOONS"),Want::text("RINPERSOON")]};
        let whole = read_columns(&p,&wants).unwrap();
        let b = fs::read(&p).unwrap();
        let c = t.path().join(&n);
        for i in 0..b.len() { for v in [0u8,1,0x7f,0x80,0xff,b[i]^1,b[i]^0x40] {
            if v==b[i] {continue;}
            let mut d=b.clone(); d[i]=v; fs::write(&c,&d).unwrap();
            match std::panic::catch_unwind(||read_columns(&c,&wants)) {
                Err(e)=>{ let m=e.downcast_ref::<String>().cloned().or(e.downcast_ref::<&str>().map(|s|s.to_string())).unwrap_or_default(); *panics.entry(format!("{n} {m}")).or_default()+=1; }
                Ok(Ok(x)) => if x==whole {same+=1} else {changed_ok+=1; if n.ends_with("zsav") {eprintln!("changed ok {n} at {i} v {v}");}},
                Ok(Err(_))=>err+=1,
            }
        }}
    }
    eprintln!("same {same} changed {changed_ok} err {err}\n{panics:#?}");
}
