"""Writes the Parquet samples beside this script. Everything in them is made up.

Made with Python 3, pyarrow 26.0.1, pandas 3.1.1, polars 2.1.0 and duckdb 2.0.1:

    pip install pyarrow==26.0.1 pandas==3.1.1 polars==2.1.0 duckdb==2.0.1
    python write_samples.py
"""

import base64
import csv
import datetime as dt
import decimal
import pathlib

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

HERE = pathlib.Path(__file__).parent
ROWS = 40
GROUP = 16

# Persons in order of number, so that the statistics of row groups tell them apart.
NUMBER = [f"{7 * i + 5:09d}" for i in range(ROWS)]
CLASS = ["S" if i % 9 == 4 else "R" for i in range(ROWS)]
SEX = ["1" if i % 2 else "2" for i in range(ROWS)]
YEAR = ["----" if i % 13 == 7 else str(1950 + i) for i in range(ROWS)]
MONTH = ["--" if i % 13 == 7 else f"{i % 12 + 1:02d}" for i in range(ROWS)]
DAY = ["--" if i % 13 == 7 else f"{i % 28 + 1:02d}" for i in range(ROWS)]
AMOUNT = [None if i % 11 == 3 else -4210.5 + 1234.25 * i for i in range(ROWS)]
NOTE = [None if i % 5 == 2 else "Curaçao" if i % 5 == 3 else f"note {i}" for i in range(ROWS)]
DATE = [None if i % 7 == 6 else dt.date(1899 + 3 * i, i % 12 + 1, 28) for i in range(ROWS)]

COLUMNS = {
    "RINPERSOONS": CLASS,
    "RINPERSOON": NUMBER,
    "GBAGESLACHT": SEX,
    "GBAGEBOORTEJAAR": YEAR,
    "GBAGEBOORTEMAAND": MONTH,
    "GBAGEBOORTEDAG": DAY,
    "XBEDRAG": AMOUNT,
    "XOPMERKING": NOTE,
    "XDATUM": DATE,
}


def twin():
    """The same rows as semicolon CSV: nothing where a value is missing, dates as yyyy-mm-dd."""
    with open(HERE / "twin.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\n")
        out.writerow(COLUMNS)
        for row in zip(*COLUMNS.values()):
            out.writerow("" if cell is None else cell for cell in row)


def table():
    return pa.table({**COLUMNS, "XDATUM": pa.array(DATE, pa.date32())})


def by_pyarrow():
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        pq.write_table(table(), HERE / f"pyarrow_{codec}.parquet", compression=codec, row_group_size=GROUP)
    texts = {name: pa.array(COLUMNS[name]).dictionary_encode() for name in list(COLUMNS)[:6]}
    other = {
        **texts,
        "XBEDRAG": pa.array([None if a is None else decimal.Decimal(str(a)) for a in AMOUNT], pa.decimal128(12, 2)),
        "XOPMERKING": pa.array(NOTE, pa.large_string()),
        "XDATUM": pa.array(DATE, pa.date32()).cast(pa.timestamp("ms")),
    }
    pq.write_table(pa.table(other), HERE / "pyarrow_other_types.parquet", row_group_size=GROUP,
                   data_page_version="2.0", write_page_checksum=True)
    raw = {
        **{name: pa.array(COLUMNS[name]).cast(pa.binary()) for name in ["RINPERSOONS", "GBAGEBOORTEJAAR", "GBAGEBOORTEMAAND", "GBAGEBOORTEDAG"]},
        "RINPERSOON": pa.array([number.encode() for number in NUMBER], pa.binary(9)),
        "GBAGESLACHT": pa.array(SEX, pa.string_view()),
        "XBEDRAG": pa.array(AMOUNT, pa.float32()),
        "XOPMERKING": pa.array(NOTE).cast(pa.large_binary()),
        "XDATUM": pa.array(DATE, pa.date64()),
    }
    pq.write_table(pa.table(raw), HERE / "pyarrow_bytes.parquet", row_group_size=GROUP, store_schema=False)
    numbers = {
        "INT8": pa.array([None, -128, 127], pa.int8()),
        "INT16": pa.array([None, -32768, 32767], pa.int16()),
        "INT32": pa.array([None, -(2**31), 2**31 - 1], pa.int32()),
        "INT64": pa.array([None, -(2**53), 2**53], pa.int64()),
        "UINT8": pa.array([None, 0, 255], pa.uint8()),
        "UINT16": pa.array([None, 0, 65535], pa.uint16()),
        "UINT32": pa.array([None, 0, 2**32 - 1], pa.uint32()),
        "UINT64": pa.array([None, 0, 2**53], pa.uint64()),
        "HALF": pa.array([None, 0.5, -2.0], pa.float16()),
        "FLOAT": pa.array([None, 0.5, -1.25e30], pa.float32()),
        "DOUBLE": pa.array([None, 0.1, -1e300], pa.float64()),
        "DECIMAL5": pa.array([None, decimal.Decimal("0.1"), decimal.Decimal("-123.45")], pa.decimal128(5, 2)),
        "DECIMAL38": pa.array([None, decimal.Decimal("0.1"), decimal.Decimal("-1234567890123456789012345.678")], pa.decimal128(38, 3)),
        "DECIMAL60": pa.array([None, decimal.Decimal("0.1"), decimal.Decimal("-1e50")], pa.decimal256(60, 3)),
        "NULLS": pa.nulls(3),
        "CATEGORY": pa.DictionaryArray.from_arrays(pa.array([None, 1, 0]), pa.array([30, 40])),
    }
    pq.write_table(pa.table(numbers), HERE / "pyarrow_numbers.parquet")
    refused = {
        "KEY": pa.array([12, 13], pa.int64()),
        "LARGE": pa.array([1, 2**53 + 1], pa.int64()),
        "NAN": pa.array([1.0, float("nan")]),
        "LIST": pa.array([["a"], []]),
        "RECORD": pa.array([{"a": 1}, {"a": 2}]),
        "TRUTH": pa.array([True, False]),
        "TIME": pa.array([dt.time(1), dt.time(2)]),
        "DURATION": pa.array([dt.timedelta(1), dt.timedelta(2)]),
        "ZONED": pa.array([dt.datetime(2020, 1, 1)] * 2, pa.timestamp("us", "Europe/Amsterdam")),
        "NOON": pa.array([dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 12)]),
        "FARDATE": pa.array([0, 2**31 - 1], pa.int32()).cast(pa.date32()),
        "LATIN": pa.array([b"Curacao", b"Cura\xe7ao"], pa.binary()),
        "BADCODE": pa.array([7, 100], pa.int32()),
        "BADTEXT": pa.array(["7", "x"]),
    }
    pq.write_table(pa.table(refused), HERE / "pyarrow_refused.parquet")
    pq.write_table(table().slice(0, 0), HERE / "pyarrow_no_rows.parquet")
    ancient = pa.table({"XDATUM": pa.array(DATE[:6], pa.date32()).cast(pa.timestamp("ns"))})
    pq.write_table(ancient, HERE / "pyarrow_int96.parquet", use_deprecated_int96_timestamps=True)
    twice = pa.table([pa.array(["a"]), pa.array(["b"])], names=["KEY", "key"])
    pq.write_table(twice, HERE / "pyarrow_two_spellings.parquet")
    small = table().select(["RINPERSOONS", "RINPERSOON", "XBEDRAG"]).slice(0, 12)
    pq.write_table(small, HERE / "pyarrow_small.parquet", row_group_size=6, compression="zstd")
    pq.write_table(small, HERE / "pyarrow_small_checksums.parquet", row_group_size=6, write_page_checksum=True)


class OpenKeys(pe.KmsClient):
    """Wraps keys in nothing: these files hide nothing, they only show how hidden ones look."""

    def __init__(self, _):
        pe.KmsClient.__init__(self)

    def wrap_key(self, key, _):
        return base64.b64encode(key)

    def unwrap_key(self, key, _):
        return base64.b64decode(key)


def encrypted():
    small = table().select(["RINPERSOONS", "RINPERSOON", "XBEDRAG"]).slice(0, 3)
    factory = pe.CryptoFactory(OpenKeys)
    for name, plain in [("pyarrow_encrypted", False), ("pyarrow_encrypted_column", True)]:
        config = pe.EncryptionConfiguration(footer_key="f", column_keys={"k": ["RINPERSOON"]}, plaintext_footer=plain)
        properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
        with pq.ParquetWriter(HERE / f"{name}.parquet", small.schema, encryption_properties=properties) as writer:
            writer.write_table(small)


def by_others():
    pl.DataFrame(table()).write_parquet(HERE / "polars.parquet", row_group_size=GROUP)
    categories = pl.DataFrame(table()).with_columns(
        pl.col("RINPERSOONS", "GBAGESLACHT").cast(pl.Categorical), pl.col("XDATUM").cast(pl.Datetime("us")))
    categories.write_parquet(HERE / "polars_categories.parquet", compression="snappy")
    frame = pd.DataFrame({**COLUMNS, "XDATUM": pd.to_datetime(pd.Series(DATE))})
    frame.to_parquet(HERE / "pandas.parquet", row_group_size=GROUP)
    frame["GBAGESLACHT"] = frame["GBAGESLACHT"].astype("category")
    frame.to_parquet(HERE / "pandas_categories.parquet", index=True)
    persons = table()
    duckdb.sql(f"copy persons to '{HERE / 'duckdb.parquet'}' (format parquet)")
    duckdb.sql(f"copy (select * replace (XBEDRAG::decimal(12, 2) as XBEDRAG) from persons) to "
               f"'{HERE / 'duckdb_v2.parquet'}' (format parquet, parquet_version v2, compression zstd)")


twin()
by_pyarrow()
encrypted()
by_others()
for path in sorted(HERE.glob("*.parquet")):
    print(path.name, path.stat().st_size)
