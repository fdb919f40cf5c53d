"""Write the table of lessons into README.md, from lessons/lessons.json.

    python lessons/tools/make_map.py            write the table
    python lessons/tools/make_map.py --check    fail if README.md shows another one
"""
import argparse
import json
import pathlib
import sys

LESSONS = pathlib.Path(__file__).resolve().parent.parent
README = LESSONS.parent / 'README.md'
BEGIN, END = '<!-- lessons -->\n', '<!-- end of lessons -->\n'


def table():
    """The lessons as rows of Markdown; one that is written is a link."""
    rows = ['| | lesson | question | minutes | ideas | comes after |',
            '| --- | --- | --- | --- | --- | --- |']
    for lesson in json.loads((LESSONS / 'lessons.json').read_text(encoding='utf-8')):
        number, title = lesson['id'][:2], lesson['title']
        name = f'[{title}](lessons/{lesson["id"]}/lesson.ipynb)' if lesson['ready'] else title
        minutes = lesson['minutes'] if lesson['ready'] else 'to come'
        needs = ', '.join(needed[:2] for needed in lesson['needs'])
        rows.append(f'| {number} | {name} | {lesson["question"]} | {minutes} '
                    f'| {", ".join(lesson["ideas"])} | {needs} |')
    return '\n'.join(rows) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--check', action='store_true', help='compare only, change nothing')
    options = parser.parse_args()
    text = README.read_text(encoding='utf-8')
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        print(f'README.md lacks the marks {BEGIN.strip()} and {END.strip()}.')
        return 1
    wanted = before + begin + table() + end + after
    if options.check and text != wanted:
        print('The table of lessons in README.md is old: run lessons/tools/make_map.py.')
        return 1
    if not options.check:
        README.write_text(wanted, encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
