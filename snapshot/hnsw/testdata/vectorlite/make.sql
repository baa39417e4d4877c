-- Makes docs.idx with vectorlite 0.2.0, the package src/vectorlite.so of
-- @1yefuwang1/vectorlite-linux-x64 on npm. Run in this folder:
--   sqlite3 :memory: '.load ./vectorlite' '.read make.sql'
-- vectorlite writes the file when the table is disconnected, here at the end.
-- What it draws for the levels is seeded, so the file is always the same.
create virtual table t using vectorlite(v float32[4], hnsw(max_elements=100, M=3, ef_construction=50), 'docs.idx');

insert into t(rowid, v)
with recursive n(i) as (values (1) union all select i + 1 from n where i < 30)
select i, vector_from_json(format('[%d, %d, %d, %d]', i * 7 % 31, i * 11 % 31, i * 13 % 31, i * 17 % 31)) from n;

delete from t where rowid = 5;
delete from t where rowid = 23;
