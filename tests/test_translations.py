"""Every sentence of the JupyterLab extension is in every catalogue, with the same gaps in it."""
import json
import re
from pathlib import Path

import pytest

WIDGETS = Path(__file__).resolve().parents[1] / 'widgets'
LOCALES = WIDGETS / 'minichain_widgets' / 'locale'
CATALOGUES = sorted(LOCALES.glob('*/LC_MESSAGES/minichain.json'))

LITERAL = r"'(?:[^'\\\n]|\\.)*'"
TEXT = rf'{LITERAL}(?:\s*\+\s*{LITERAL})*'
CAPITAL = r"'[A-Z](?:[^'\\\n]|\\.)*'"
# How a sentence of the lab reaches the translator, and one of the graph. JupyterLab has its own.
LAB = (rf'(?<!jupyterlab.\))\.__\(\s*({TEXT})',)
PLURAL = rf'\._n\(\s*({TEXT}),\s*({TEXT})'
GRAPH = (rf'\btr\(\s*({TEXT})', rf'\btr\(\s*[^()\n]*\?\s*({TEXT})\s*:',
         rf'\bsay\(\s*(?:this\.)?tr,\s*({TEXT})',
         rf"rows\.push\(\[\s*({TEXT})", rf"\b(?:press|toggle)\({LITERAL}, ({TEXT})",
         rf"\btr\(\s*[^()\n]*\?\s*{TEXT}\s*:\s*({TEXT})",
         rf"const (?:tip|words|clicks|letters|keys) =\s[^;\n]*?({CAPITAL})",
         rf"const (?:tip|words|clicks) =\s[^;\n]*? : ({CAPITAL})",
         rf"\blabel\(({TEXT})\)",
         rf"\bask\({LITERAL}, ({TEXT})", rf"\bask\({LITERAL}, {LITERAL}, ({TEXT})",
         rf"^  \[[^\n]*, ({TEXT})\],?$", rf"^    \[look\.signs\.\w+, ({TEXT})\]")
TABLES = (r'const (?:KINDS|PLAIN|PHASES)(?:: Readonly<[^=]*)? = \{(.*?)\}',
          r'const COLUMNS = \[(.*?)\]')
SCHEMA_CONTEXTS = {'title': 'schema', 'description': 'schema',
                   'jupyter.lab.setting-icon-label': 'settings'}


def unquote(text):
    """The string that literals of TypeScript, joined with +, stand for."""
    parts = re.findall(LITERAL, text)
    return ''.join(json.loads('"' + part[1:-1].replace("\\'", "'").replace('"', '\\"') + '"')
                   for part in parts)


def sources(folder):
    return [path.read_text('utf-8') for path in sorted((WIDGETS / 'src' / folder).rglob('*.ts'))
            if not path.name.endswith('.test.ts')]


def wanted():
    """(context, sentence) of all that the extension shows; context None outside of settings."""
    found = set()
    for folder, patterns in (('lab', LAB), ('graph', GRAPH)):
        for source in sources(folder):
            for pattern in patterns:
                found |= {unquote(text) for text in re.findall(pattern, source, re.MULTILINE)}
            for one, many in re.findall(PLURAL, source):
                found |= {unquote(one)}
            for pattern in TABLES:
                for table in re.findall(pattern, source, re.DOTALL):
                    found |= {unquote(text) for text in re.findall(LITERAL, table)}
    explanation, control, stream = (
        pytest.importorskip(f'minichain_widgets.{name}', reason='minichain[lab] is not installed')
        for name in ('explanation', 'control', 'stream'))
    found |= {words for _, words in (*explanation.WHY, *explanation.WHAT, *explanation.ADVICE,
                                   *explanation.BY_TYPE, *explanation.WHERE, *explanation.GPU)}
    found |= {explanation.READ_IT, *explanation.WANTED}
    found |= {control.NO_LOSS, control.NO_RESULT, control.TOO_LARGE, stream.LOOP}
    found = {(None, text) for text in found if re.search('[A-Za-z]{2}', text)}
    for path in sorted((WIDGETS / 'schema').glob('*.json')):
        schema = json.loads(path.read_text('utf-8'))
        if not schema['properties']:        # then the page with the settings does not show it
            continue
        found |= {(context, schema[key]) for key, context in SCHEMA_CONTEXTS.items()
                  if key in schema}
        for option in schema['properties'].values():
            found |= {('settings', option[key]) for key in ('title', 'description')}
    return found


def key(context, text):
    return text if context is None else f'{context}\x04{text}'


def gaps(text):
    return sorted(re.findall(r'%\d|\{\d\}', text))


@pytest.mark.parametrize('path', CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_holds_every_sentence_and_no_other(path):
    catalogue = json.loads(path.read_text('utf-8'))
    head = catalogue.pop('')
    assert head['domain'] == 'minichain' and head['language'] == path.parts[-3].replace('_', '-')
    assert head['plural_forms']      # without it, JupyterLab starts with no translator at all
    keys = {key(*sentence) for sentence in wanted()}
    assert len(keys) > 150
    assert not keys - set(catalogue), 'not translated: add them to the catalogue'
    assert not set(catalogue) - keys, 'nowhere shown: take them out of the catalogue'


@pytest.mark.parametrize('path', CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_keeps_the_gaps_and_is_not_empty(path):
    catalogue = json.loads(path.read_text('utf-8'))
    for name, translations in catalogue.items():
        if name:
            text = name.split('\x04')[-1]
            assert all(each.strip() for each in translations), name
            assert all(gaps(each) == gaps(text) for each in translations), name


def test_there_is_a_german_catalogue_that_jupyterlab_finds():
    assert [path.parts[-3] for path in CATALOGUES] == ['de_DE']
    project = (WIDGETS.parent / 'pyproject.toml').read_text('utf-8')
    assert '[project.entry-points."jupyterlab.locale"]\nminichain = "minichain_widgets"' in project
