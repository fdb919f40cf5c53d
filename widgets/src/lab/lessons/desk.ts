/** Opens lessons, remembers where the student is, and keeps the panel up to date. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import {
  type INotebookTracker,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import { lessonIcon } from '../icon';
import { Bookmark } from './bookmark';
import { runChecks } from './checks';
import { classTable } from './classtable';
import { GLOSSARY, join, neighbours, placeOf, SOLUTIONS, TEACHING } from './course';
import { LessonList, titleOf } from './list';
import { type Course, findCourse } from './shelf';
import { dress } from './toolbar';

/** Where the wheel puts the lessons, among JupyterLab's extensions. */
const SHIPPED = 'minichain/lessons';
const CLASS_TABLE = 'minichain-class.csv';
/** Milliseconds after a change until the progress file is read, or the place is stored. */
const PATIENCE = 600;

export interface DeskServices {
  app: JupyterFrontEnd;
  documents: IDocumentManager;
  tracker: INotebookTracker;
  settings: ISettingRegistry.ISettings | null;
  state: IStateDB | null;
  trans: TranslationBundle;
}

export class Desk {
  constructor(private readonly services: DeskServices) {
    this.bookmark = new Bookmark(services.state);
    services.settings?.changed.connect(() => {
      this.course = null;
      this.refresh();
    });
    NotebookActions.executed.connect((_, { notebook }) => {
      const panel = services.tracker.find(each => each.content === notebook);
      if (panel !== undefined && placeOf(panel.context.path) !== null) {
        this.reading.again(() => this.refresh());
      }
    });
  }

  /** Show the panel's content here. */
  attach(host: HTMLElement): this {
    const events = {
      open: (id: string) => this.tell(this.open(id)),
      startOver: (id: string) => this.tell(this.startOver(id)),
      solution: (id: string) => this.tell(this.openSolution(id)),
      runChecks: (id: string) => this.tell(this.runSolution(id)),
      glossary: () => this.tell(this.openPaper(GLOSSARY)),
      teaching: () => this.tell(this.openPaper(TEACHING)),
      exportClass: () => this.tell(this.exportClass()),
      lookAgain: () => {
        this.course = null;
        this.refresh();
      },
      settings: () =>
        void this.services.app.commands.execute('settingeditor:open', { query: 'minichain' })
    };
    this.list = new LessonList(host, events, this.services.trans);
    this.refresh();
    return this;
  }

  /** Read the progress again, and draw the panel. */
  refresh(): void {
    if (this.list !== null) {
      this.tell(this.draw(this.list));
    }
  }

  /**
   * Open the student's copy of a lesson, or of the one to go on with.
   * Where there is no copy yet, it begins with what was written into the original, if any was.
   */
  async open(id: string | null, original: NotebookPanel | null = null): Promise<void> {
    const course = await this.find();
    const last = await this.bookmark.last();
    const wanted = id ?? last ?? course.lessons.find(lesson => lesson.ready)?.id;
    if (wanted === undefined || course.lesson(wanted) === null) {
      return;
    }
    const path = await course.prepare(wanted, original?.content.model?.toJSON());
    this.services.documents.openOrReveal(path, 'Notebook');
    this.refresh();
  }

  /** Ask, keep a backup, and put the original in the place of the copy. */
  async startOver(id: string): Promise<void> {
    const { trans, documents } = this.services;
    const course = await this.find();
    const lesson = course.lesson(id);
    if (lesson === null || !(await course.copied()).has(id)) {
      return;
    }
    const answer = await showDialog({
      title: trans.__('Start over?'),
      body: trans.__(
        'Your copy of "%1" becomes as it was at the beginning. What you have written is kept ' +
          'beside it as a backup; exercises that you have solved stay solved.',
        lesson.title
      ),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Start Over') })]
    });
    if (!answer.button.accept) {
      return;
    }
    const path = course.copyPath(id);
    const open = documents.findWidget(path, 'Notebook');
    await open?.context.save();
    await documents.closeFile(path);
    const backup = await course.startOver(id);
    if (open !== undefined) {
      documents.openOrReveal(path, 'Notebook');
    }
    Notification.info(trans.__('Your work is kept in %1', backup), { autoClose: 8_000 });
    this.refresh();
  }

  /** Give the notebook of a lesson its buttons, and remember where the student is in it. */
  async dress(panel: NotebookPanel): Promise<void> {
    const place = placeOf(panel.context.path);
    const course = await this.find().catch(() => null);
    if (place === null || course === null || panel.isDisposed) {
      return;
    }
    if (![course.folder ?? SOLUTIONS, course.copies].includes(place.folder)) {
      return;
    }
    if (place.kind === 'copy') {
      // The copies to which its text leads are made now, so that none of its links is dead.
      await course.prepare(place.id).catch(say);
      this.follow(panel, place.id);
    }
    // The files of all lessons have the same name, and JupyterLab renames a file with its label.
    panel.title.icon = lessonIcon(place.id.slice(0, 2));
    const original = place.kind === 'original' ? panel : null;
    if (original !== null) {
      const words = this.services.trans.__('original');
      panel.title.dataset = { ...panel.title.dataset, 'minichain-original': words };
    }
    const { before, after } = neighbours(course.lessons, place.id);
    dress(panel, this.services.trans, {
      before: before && { title: titleOf(before), go: () => this.tell(this.open(before.id)) },
      after: after && { title: titleOf(after), go: () => this.tell(this.open(after.id)) },
      own: place.kind === 'copy' ? null : () => this.tell(this.open(place.id, original))
    });
  }

  /** Run the checks of the lesson in front. */
  async runChecks(): Promise<void> {
    const panel = this.services.tracker.currentWidget;
    if (panel !== null) {
      await runChecks(panel, this.services.trans);
      this.refresh();
    }
  }

  private async runSolution(id: string): Promise<void> {
    const panel = await this.openSolution(id);
    if (panel !== undefined) {
      await panel.sessionContext.ready;
      await NotebookActions.runAll(panel.content, panel.sessionContext);
    }
  }

  private async openSolution(id: string): Promise<NotebookPanel | undefined> {
    const course = await this.find();
    const path = await course.solution(id);
    const opened = this.services.documents.openOrReveal(path, 'Notebook');
    const panel = this.services.tracker.find(each => each === opened);
    await panel?.revealed;
    return panel;
  }

  private async openPaper(name: typeof GLOSSARY | typeof TEACHING): Promise<void> {
    const path = await (await this.find()).paper(name);
    this.services.documents.openOrReveal(path, 'Markdown Preview');
  }

  private async exportClass(): Promise<void> {
    const { trans, documents } = this.services;
    const course = await this.find();
    const answer = await InputDialog.getText({
      title: trans.__('Export the progress of a class'),
      label: trans.__('The folder with the progress files, one a student'),
      text: course.copies,
      okLabel: trans.__('Export')
    });
    const folder = answer.value?.replace(/^\/+|\/+$/g, '') ?? '';
    if (!answer.button.accept || folder === '') {
      return;
    }
    const students = await course.students(folder);
    if (students.length === 0) {
      Notification.warning(trans.__('There is no progress file in the folder "%1".', folder));
      return;
    }
    const path = join(folder, CLASS_TABLE);
    await course.saveText(path, classTable(course.lessons, students));
    documents.openOrReveal(path);
  }

  private async find(): Promise<Course> {
    const { contents } = this.services.documents.services;
    const shipped = URLExt.join(PageConfig.getOption('fullLabextensionsUrl'), SHIPPED);
    this.course ??= findCourse(contents, this.setting, shipped);
    const found = await this.course;
    if (found === null) {
      throw new Error(this.services.trans.__('No lessons were found. Open the lessons panel.'));
    }
    return found;
  }

  private async draw(list: LessonList): Promise<void> {
    const course = await this.find().catch(() => null);
    if (course === null) {
      list.showEmpty(this.setting);
      return;
    }
    const [progress, copied, last] = [
      await course.progress(),
      await course.copied(),
      await this.bookmark.last()
    ];
    const teacher = this.services.settings?.composite['teacher'] === true;
    list.show({ lessons: course.lessons, progress, copied, last, teacher });
  }

  private get setting(): string {
    const folder = this.services.settings?.composite['lessonsFolder'];
    return typeof folder === 'string' ? folder.trim() : '';
  }

  /** Go to the cell at which the lesson was left, then remember where the student is. */
  private follow(panel: NotebookPanel, id: string): void {
    const { tracker } = this.services;
    let isBack = false;
    const note = async (): Promise<void> => {
      if (tracker.currentWidget !== panel) {
        return;
      }
      if (!isBack) {
        isBack = true;
        await this.goBack(panel, id);
      }
      const isNew = await this.bookmark.put(id, Math.max(0, panel.content.activeCellIndex));
      this.store.again(() => void this.bookmark.save());
      if (isNew) {
        this.refresh();
      }
    };
    const noteSoon = (): void => this.tell(note());
    panel.content.activeCellChanged.connect(noteSoon);
    tracker.currentChanged.connect(noteSoon);
    panel.disposed.connect(() => tracker.currentChanged.disconnect(noteSoon));
    noteSoon();
  }

  private async goBack(panel: NotebookPanel, id: string): Promise<void> {
    const cell = await this.bookmark.cell(id);
    const { content } = panel;
    if (!panel.isDisposed && cell > 0 && content.activeCellIndex <= 0) {
      content.activeCellIndex = Math.min(cell, content.widgets.length - 1);
      await content.scrollToItem(content.activeCellIndex);
    }
  }

  /** A file that cannot be read or written is said, and stops nothing else. */
  private tell(work: Promise<unknown>): void {
    work.catch(say);
  }

  private list: LessonList | null = null;
  private course: Promise<Course | null> | null = null;
  private readonly bookmark: Bookmark;
  private readonly store = new Delay();
  private readonly reading = new Delay();
}

function say(error: unknown): void {
  Notification.error(error instanceof Error ? error.message : String(error));
}

/** Does something a while after it was asked for last. */
class Delay {
  again(act: () => void): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(act, PATIENCE);
  }

  private timer = 0;
}
