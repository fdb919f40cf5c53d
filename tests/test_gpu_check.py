"""tests/gpu/check.py, the command for machines with a GPU, runs: here on the stand-in."""
import json
import pathlib
import subprocess
import sys

CHECK = pathlib.Path(__file__).parent / 'gpu' / 'check.py'


def test_the_gpu_check_runs_on_the_stand_in(tmp_path):
    table = tmp_path / 'table.json'
    done = subprocess.run([sys.executable, str(CHECK), '--stand-in', '--json', str(table)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = {row['part'] for row in json.loads(table.read_text())}
    assert parts == {'machine', 'conformance', 'calls', 'rates', 'results'}
