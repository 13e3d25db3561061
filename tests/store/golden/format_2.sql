BEGIN TRANSACTION;
CREATE TABLE ahead (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contexts (key TEXT PRIMARY KEY, sentence TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,
    metadata TEXT NOT NULL, marks TEXT NOT NULL, lines INTEGER NOT NULL, blocks TEXT NOT NULL DEFAULT '[]'
);
INSERT INTO "documents" VALUES('lamp.txt','4bbdd4fa52d4789c3cd296d976abba5c553fd4ff87bb6c426ce45d300a349199','folder',103,1795969343689520745,'lamp.txt','lamp.txt','The lamp at Maw Head burns paraffin. The keeper is Abel Strake. The oil comes in barrels from Tolbrack.','{}','[]',1,'[]');
INSERT INTO "documents" VALUES('ferry.md','05a63165112e4ed9fde8dae57a1cce8ae8fc6b49539b333e8a2f94dd24c8ad3e','folder',99,1795969343689451972,'Ferry','ferry.md','# Ferry

The ferry Marigold sails at nine. Captain Dace commands her. She carries forty passengers.','{}','[[0, {"page": null, "line": null, "heading": ["Ferry"]}]]',1,'[]');
INSERT INTO "documents" VALUES('prices.md','724c89eefc639dc09a0d87f19c3abcae9e458a6cb74c3b367d12d6307f8c840f','folder',91,1795969343689586714,'Prices','prices.md','# Prices

Hemp rope cost four shillings. Tar cost two shillings. The stove cost two pounds.','{}','[[0, {"page": null, "line": null, "heading": ["Prices"]}]]',1,'[]');
INSERT INTO "documents" VALUES('memo','60bde0309950cc1533082bf50e3a1b1d26445e6177f4202fb744129dc9480177','api',47,0,'memo','memo','The canary is called Admiral. It sings at noon.','{"by": "the clerk"}','[]',1,'[]');
CREATE TABLE edges (
    parent TEXT NOT NULL, position INTEGER NOT NULL, child TEXT NOT NULL, PRIMARY KEY (parent, position)
) WITHOUT ROWID;
INSERT INTO "edges" VALUES('037b03eeb855772aa311672dc63cfe06',0,'268c1f9b4d78b3b8aa026686f715e722');
INSERT INTO "edges" VALUES('037b03eeb855772aa311672dc63cfe06',1,'3bb93a7284821ca8f41674aaabfa476b');
INSERT INTO "edges" VALUES('037b03eeb855772aa311672dc63cfe06',2,'b1f32bf074ef762801b9a100a472e73a');
INSERT INTO "edges" VALUES('396f5ef0a13410b35f357d29b510756f',0,'e59bb92a3d445ae843a64079011b0d41');
INSERT INTO "edges" VALUES('396f5ef0a13410b35f357d29b510756f',1,'a5c9eb30033cf48bfa1d1e09884e8a0d');
INSERT INTO "edges" VALUES('396f5ef0a13410b35f357d29b510756f',2,'b257ba49b58355c2f5638d03dcc17669');
INSERT INTO "edges" VALUES('396f5ef0a13410b35f357d29b510756f',3,'52e92aca4d3b5ef38827d834eddc1a8e');
INSERT INTO "edges" VALUES('396f5ef0a13410b35f357d29b510756f',4,'cabf8ab362dac3b1a4cdda471247eed9');
INSERT INTO "edges" VALUES('96c6ce80bf867b16b17e87ad272a24b0',0,'037b03eeb855772aa311672dc63cfe06');
INSERT INTO "edges" VALUES('96c6ce80bf867b16b17e87ad272a24b0',1,'396f5ef0a13410b35f357d29b510756f');
CREATE TABLE files (id TEXT PRIMARY KEY, record TEXT NOT NULL);
INSERT INTO "files" VALUES('lamp.txt','{"id": "lamp.txt", "sha256": "4bbdd4fa52d4789c3cd296d976abba5c553fd4ff87bb6c426ce45d300a349199", "size": 103, "modified": 1795969343689520745, "readers": "2", "limits": "43884b2f6b5d5379", "documents": ["lamp.txt"], "skipped": []}');
INSERT INTO "files" VALUES('ferry.md','{"id": "ferry.md", "sha256": "05a63165112e4ed9fde8dae57a1cce8ae8fc6b49539b333e8a2f94dd24c8ad3e", "size": 99, "modified": 1795969343689451972, "readers": "2", "limits": "43884b2f6b5d5379", "documents": ["ferry.md"], "skipped": []}');
INSERT INTO "files" VALUES('prices.md','{"id": "prices.md", "sha256": "724c89eefc639dc09a0d87f19c3abcae9e458a6cb74c3b367d12d6307f8c840f", "size": 91, "modified": 1795969343689586714, "readers": "2", "limits": "43884b2f6b5d5379", "documents": ["prices.md"], "skipped": []}');
CREATE TABLE gone (id TEXT PRIMARY KEY);
CREATE TABLE history (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL);
INSERT INTO "history" VALUES(1,1.79596934650960135459e+09);
INSERT INTO "history" VALUES(2,1.79596934679946231838e+09);
INSERT INTO "history" VALUES(3,1.79596934711526036261e+09);
CREATE TABLE history_documents (
    number INTEGER NOT NULL, kind TEXT NOT NULL, document_id TEXT NOT NULL, before TEXT NOT NULL
);
INSERT INTO "history_documents" VALUES(1,'added','lamp.txt','');
INSERT INTO "history_documents" VALUES(2,'added','ferry.md','');
INSERT INTO "history_documents" VALUES(2,'added','prices.md','');
INSERT INTO "history_documents" VALUES(3,'added','memo','');
CREATE TABLE history_summaries (
    number INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, sentence TEXT NOT NULL, digest TEXT NOT NULL
);
INSERT INTO "history_summaries" VALUES(1,'','bd23f50477fa49e2f98ff009d889ba54','','');
INSERT INTO "history_summaries" VALUES(2,'bd23f50477fa49e2f98ff009d889ba54','b111006b23217769279a946212ff549b','The lamp at Maw Head burns paraffin.','fde915813672a49e');
INSERT INTO "history_summaries" VALUES(2,'','037b03eeb855772aa311672dc63cfe06','','');
INSERT INTO "history_summaries" VALUES(2,'','8deb294c22f99054c871c111c631d2ad','','');
INSERT INTO "history_summaries" VALUES(3,'b111006b23217769279a946212ff549b','96c6ce80bf867b16b17e87ad272a24b0','The ferry Marigold sails at nine.','11ca08eceb25ce48');
INSERT INTO "history_summaries" VALUES(3,'8deb294c22f99054c871c111c631d2ad','396f5ef0a13410b35f357d29b510756f','The lamp at Maw Head burns paraffin.','fde915813672a49e');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('format','2');
INSERT INTO "meta" VALUES('history','1795969343.7435088');
INSERT INTO "meta" VALUES('id','9b86ee8fab459181');
INSERT INTO "meta" VALUES('copy','191eb92a6bd475a7');
INSERT INTO "meta" VALUES('state','e6636e02547aee13');
INSERT INTO "meta" VALUES('embedder','hashing-16');
INSERT INTO "meta" VALUES('settings','{"chunk": {"kind": "sentences", "tokens": 16, "language": "en", "context": "auto"}, "embed": {"model": "bundled", "kind": "plain", "window": 0, "batch": 32, "backend": "auto", "precision": "auto", "layers": 0, "dim": 0, "reduce": "pca"}, "tree": {"cluster": "kmeans", "goal": "", "goal_calls": 200, "labels": "terms", "group_tokens": 64, "second_parent": 0.97, "reduce": "auto", "dimensions": 10, "membership": 0.1, "seed": 0, "stale": 0.2, "drift": 0.03}, "summarize": {"kind": "abstractive", "tokens": 24, "read_tokens": 240, "support": 0.05, "nli": "none"}, "llm": {"model": "bundled"}}');
INSERT INTO "meta" VALUES('followed','');
INSERT INTO "meta" VALUES('dimension','16');
INSERT INTO "meta" VALUES('shape','sentences/16/en/2/none
kmeans/0.97/0/none/4
64
abstractive/scripted/f2252b02d544/0.05/none/24/en/hashing-16/3');
INSERT INTO "meta" VALUES('chunker','sentences/16/en/2/none');
INSERT INTO "meta" VALUES('summarizer','abstractive/scripted/f2252b02d544/0.05/none/24/en/hashing-16/3');
INSERT INTO "meta" VALUES('unwritten','0');
INSERT INTO "meta" VALUES('projection','');
CREATE TABLE nodes (
    id TEXT PRIMARY KEY, level INTEGER NOT NULL, document_id TEXT NOT NULL, position INTEGER NOT NULL,
    tokens INTEGER NOT NULL, vector BLOB NOT NULL, node TEXT NOT NULL, stored INTEGER NOT NULL,
    stale REAL NOT NULL DEFAULT 0, drift REAL NOT NULL DEFAULT 0
);
INSERT INTO "nodes" VALUES('e59bb92a3d445ae843a64079011b0d41',0,'lamp.txt',0,12,X'588C2AE637DC2E4ACFC7F66C9AC7C6CF8B20D8B2DBDCDFCAAD855A6A1FB381FC','{"id":"e59bb92a3d445ae843a64079011b0d41","level":0,"text":"The lamp at Maw Head burns paraffin. ","tokens":12,"label":"The lamp at Maw Head burns paraffin.","children":[],"claims":[],"kind":"chunk","document_id":"lamp.txt","source":"lamp.txt","span":[0,37],"location":{"page":null,"line":1,"heading":[]},"metadata":{"title":"lamp.txt"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('b1f32bf074ef762801b9a100a472e73a',0,'lamp.txt',1,8,X'AA97E2CB78984B4D4C78BD0B509F07C5EF1C8B4634E7B47030A15DA476F18F81','{"id":"b1f32bf074ef762801b9a100a472e73a","level":0,"text":"The keeper is Abel Strake. ","tokens":8,"label":"The keeper is Abel Strake.","children":[],"claims":[],"kind":"chunk","document_id":"lamp.txt","source":"lamp.txt","span":[37,64],"location":{"page":null,"line":1,"heading":[]},"metadata":{"title":"lamp.txt"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('a5c9eb30033cf48bfa1d1e09884e8a0d',0,'lamp.txt',2,10,X'522D1EAB2B924F346CD8E5855166D3CA111C4C503B1AEA568F2A66186DEE01D3','{"id":"a5c9eb30033cf48bfa1d1e09884e8a0d","level":0,"text":"The oil comes in barrels from Tolbrack.","tokens":10,"label":"The oil comes in barrels from Tolbrack.","children":[],"claims":[],"kind":"chunk","document_id":"lamp.txt","source":"lamp.txt","span":[64,103],"location":{"page":null,"line":1,"heading":[]},"metadata":{"title":"lamp.txt"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('268c1f9b4d78b3b8aa026686f715e722',0,'ferry.md',0,13,X'2CEA3A797B02A92C01CD82BE37894E0E8A6ABCAE66790BA1F7144A7C0B3542BD','{"id":"268c1f9b4d78b3b8aa026686f715e722","level":0,"text":"# Ferry\n\nThe ferry Marigold sails at nine. ","tokens":13,"label":"Ferry The ferry Marigold sails at nine.","children":[],"claims":[],"kind":"chunk","document_id":"ferry.md","source":"ferry.md","span":[0,43],"location":{"page":null,"line":1,"heading":["Ferry"]},"metadata":{"title":"Ferry"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('3bb93a7284821ca8f41674aaabfa476b',0,'ferry.md',1,11,X'C4B4C4913C85268C3DAAB5C5B0EF445A5C7F76DAA531A15CBFCBF1300690E3BB','{"id":"3bb93a7284821ca8f41674aaabfa476b","level":0,"text":"Captain Dace commands her. She carries forty passengers.","tokens":11,"label":"Captain Dace commands her. She carries forty passengers.","children":[],"claims":[],"kind":"chunk","document_id":"ferry.md","source":"ferry.md","span":[43,99],"location":{"page":null,"line":3,"heading":["Ferry"]},"metadata":{"title":"Ferry"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('52e92aca4d3b5ef38827d834eddc1a8e',0,'prices.md',0,13,X'167C502E503DE799D4EDBB9C42322114EC1B25622D69AC7235FD02D9B22FC5D5','{"id":"52e92aca4d3b5ef38827d834eddc1a8e","level":0,"text":"# Prices\n\nHemp rope cost four shillings. ","tokens":13,"label":"Prices Hemp rope cost four shillings.","children":[],"claims":[],"kind":"chunk","document_id":"prices.md","source":"prices.md","span":[0,41],"location":{"page":null,"line":1,"heading":["Prices"]},"metadata":{"title":"Prices"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('cabf8ab362dac3b1a4cdda471247eed9',0,'prices.md',1,13,X'143A9DB0C0E2B6FEAD13A0AE0A65364CD8EF1C0C52F0C53505A44779486EF589','{"id":"cabf8ab362dac3b1a4cdda471247eed9","level":0,"text":"Tar cost two shillings. The stove cost two pounds.","tokens":13,"label":"Tar cost two shillings. The stove cost two pounds.","children":[],"claims":[],"kind":"chunk","document_id":"prices.md","source":"prices.md","span":[41,91],"location":{"page":null,"line":3,"heading":["Prices"]},"metadata":{"title":"Prices"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('037b03eeb855772aa311672dc63cfe06',1,'',0,9,X'8DD33A7048986AA0CA4520597556E5B965D93CF7147E4E34857F9950F11E92B6','{"id":"037b03eeb855772aa311672dc63cfe06","level":1,"text":"The ferry Marigold sails at nine.","tokens":9,"label":"Ferry, Marigold, sails, Captain","children":["268c1f9b4d78b3b8aa026686f715e722","3bb93a7284821ca8f41674aaabfa476b","b1f32bf074ef762801b9a100a472e73a"],"claims":[{"text":"The ferry Marigold sails at nine.","evidence":[{"leaf":"268c1f9b4d78b3b8aa026686f715e722","span":[9,42]}],"score":0.9999999403953552}],"kind":"abstractive","document_id":"","source":"","span":[0,0],"location":{"page":null,"line":null,"heading":[]},"metadata":{}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('b257ba49b58355c2f5638d03dcc17669',0,'memo',0,12,X'4DDE45F7C9917A475F917B9C772C493F566B88DF2C31E046FD28B6D9849AC7EE','{"id":"b257ba49b58355c2f5638d03dcc17669","level":0,"text":"The canary is called Admiral. It sings at noon.","tokens":12,"label":"The canary is called Admiral. It sings at noon.","children":[],"claims":[],"kind":"chunk","document_id":"memo","source":"memo","span":[0,47],"location":{"page":null,"line":1,"heading":[]},"metadata":{"by":"the clerk","title":"memo"}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('396f5ef0a13410b35f357d29b510756f',1,'',1,11,X'69EB40889E2645B7A454B01047AB26A385C45D7391576FB3CC55C343EE1B69AE','{"id":"396f5ef0a13410b35f357d29b510756f","level":1,"text":"The lamp at Maw Head burns paraffin.","tokens":11,"label":"cost, shillings, lamp, Maw","children":["e59bb92a3d445ae843a64079011b0d41","a5c9eb30033cf48bfa1d1e09884e8a0d","b257ba49b58355c2f5638d03dcc17669","52e92aca4d3b5ef38827d834eddc1a8e","cabf8ab362dac3b1a4cdda471247eed9"],"claims":[{"text":"The lamp at Maw Head burns paraffin.","evidence":[{"leaf":"e59bb92a3d445ae843a64079011b0d41","span":[0,36]}],"score":0.9999999403953552}],"kind":"abstractive","document_id":"","source":"","span":[0,0],"location":{"page":null,"line":null,"heading":[]},"metadata":{}}',1,0.0,0.0);
INSERT INTO "nodes" VALUES('96c6ce80bf867b16b17e87ad272a24b0',2,'',0,9,X'8DD33A7048986AA0CA4520597556E5B965D93CF7147E4E34857F9950F11E92B6','{"id":"96c6ce80bf867b16b17e87ad272a24b0","level":2,"text":"The ferry Marigold sails at nine.","tokens":9,"label":"cost, Ferry, shillings, Marigold","children":["037b03eeb855772aa311672dc63cfe06","396f5ef0a13410b35f357d29b510756f"],"claims":[{"text":"The ferry Marigold sails at nine.","evidence":[{"leaf":"268c1f9b4d78b3b8aa026686f715e722","span":[9,42]}],"score":0.9999999403953552}],"kind":"abstractive","document_id":"","source":"","span":[0,0],"location":{"page":null,"line":null,"heading":[]},"metadata":{}}',1,0.0,0.0);
CREATE TABLE removed_words (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE staged (id TEXT PRIMARY KEY, record TEXT NOT NULL, metadata TEXT NOT NULL, document TEXT NOT NULL);
CREATE TABLE staged_files (id TEXT PRIMARY KEY, key TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE summaries (key TEXT PRIMARY KEY, summary TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "summaries" VALUES('29901648507fc2a750dc702e21f3a97c','{"sentences": [{"text": "The ferry Marigold sails at nine.", "sources": [{"text": 0, "span": [9, 42]}], "score": 0.9999999403953552}], "kind": "abstractive", "left_out": 0, "failed": false}');
INSERT INTO "summaries" VALUES('2c7e578626b019ecd5c343af4e429ec5','{"sentences": [{"text": "The lamp at Maw Head burns paraffin.", "sources": [{"text": 0, "span": [0, 36]}], "score": 0.9999999403953552}], "kind": "abstractive", "left_out": 0, "failed": false}');
INSERT INTO "summaries" VALUES('2d56a3f3f6ee07f4fea2e033ca6abaf1','{"sentences": [{"text": "The lamp at Maw Head burns paraffin.", "sources": [{"text": 0, "span": [0, 36]}], "score": 0.9999999403953552}], "kind": "abstractive", "left_out": 0, "failed": false}');
INSERT INTO "summaries" VALUES('ea91d21e2bd7db0ea054b87609eda08f','{"sentences": [{"text": "The lamp at Maw Head burns paraffin.", "sources": [{"text": 0, "span": [0, 36]}], "score": 0.9999999403953552}], "kind": "abstractive", "left_out": 0, "failed": false}');
INSERT INTO "summaries" VALUES('f1cf20a5c2e96654586c1c07eff6d7a5','{"sentences": [{"text": "The ferry Marigold sails at nine.", "sources": [{"text": 0, "span": [0, 33]}], "score": 0.9999999403953552}], "kind": "abstractive", "left_out": 0, "failed": false}');
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO "vectors" VALUES(X'143A9DB0C0E2B6FEAD13A0AE0A65364CD8EF1C0C52F0C53505A44779486EF589',X'D5008E3ED5008EBE00000000D5000E3FD5008E3E0000000000000000D5000E3FD5008E3E0000000000000000000000000000000000000000D5008EBE00000000');
INSERT INTO "vectors" VALUES(X'167C502E503DE799D4EDBB9C42322114EC1B25622D69AC7235FD02D9B22FC5D5',X'00000000000000BF00000000000000000000000000000000000000000000003F00000000000000000000003F00000000000000000000003F0000000000000000');
INSERT INTO "vectors" VALUES(X'2CEA3A797B02A92C01CD82BE37894E0E8A6ABCAE66790BA1F7144A7C0B3542BD',X'00000000D5008EBE00000000D5008E3E000000000000000000000000D5008EBE000000000000000000000000D5008E3E0000000000000000400155BF00000000');
INSERT INTO "vectors" VALUES(X'4DDE45F7C9917A475F917B9C772C493F566B88DF2C31E046FD28B6D9849AC7EE',X'0000000000000000B25F1ABF0000000000000000B25F1A3F00000000B25F9A3E000000000000000000000000B25F9A3E0000000000000000B25F9ABE00000000');
INSERT INTO "vectors" VALUES(X'522D1EAB2B924F346CD8E5855166D3CA111C4C503B1AEA568F2A66186DEE01D3',X'000000000000000000000000000000000000000000000000000000002EF9E43E000000002EF9E4BE2EF9E4BE00000000000000002EF9E43E2EF9E4BE00000000');
INSERT INTO "vectors" VALUES(X'588C2AE637DC2E4ACFC7F66C9AC7C6CF8B20D8B2DBDCDFCAAD855A6A1FB381FC',X'000000002EF9E4BE0000000000000000000000000000000000000000000000002EF9E4BE0000000000000000000000002EF9E4BE2EF9E43E2EF9E4BE00000000');
INSERT INTO "vectors" VALUES(X'69EB40889E2645B7A454B01047AB26A385C45D7391576FB3CC55C343EE1B69AE',X'000000002EF9E4BE0000000000000000000000000000000000000000000000002EF9E4BE0000000000000000000000002EF9E4BE2EF9E43E2EF9E4BE00000000');
INSERT INTO "vectors" VALUES(X'8DD33A7048986AA0CA4520597556E5B965D93CF7147E4E34857F9950F11E92B6',X'00000000F304B5BE00000000F304B53E000000000000000000000000F304B5BE000000000000000000000000F304B53E0000000000000000F30435BF00000000');
INSERT INTO "vectors" VALUES(X'AA97E2CB78984B4D4C78BD0B509F07C5EF1C8B4634E7B47030A15DA476F18F81',X'00000000000000003ACD13BF00000000000000003ACD133F000000000000000000000000000000000000000000000000000000003ACD13BF0000000000000000');
INSERT INTO "vectors" VALUES(X'C4B4C4913C85268C3DAAB5C5B0EF445A5C7F76DAA531A15CBFCBF1300690E3BB',X'F304B5BEF304B53EF304B53E00000000000000000000000000000000F30435BF0000000000000000F304B5BE0000000000000000000000000000000000000000');
CREATE INDEX nodes_by_place ON nodes (level, document_id, position);
CREATE INDEX nodes_to_store ON nodes (stored) WHERE stored = 0;
CREATE INDEX history_documents_by_number ON history_documents (number);
CREATE INDEX history_summaries_by_number ON history_summaries (number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('history',3);
COMMIT;
