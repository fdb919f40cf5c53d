import { cells } from './cells';
import { commands } from './commands/plugin';
import { graphPanel } from './graphpanel';
import { lessons } from './lessons/plugin';
import { mime } from './mime/plugin';
import { stillPictures } from './stillpictures';

export default [graphPanel, lessons, mime, commands, stillPictures, cells];
