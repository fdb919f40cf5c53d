/** The progress of a class as a table that spreadsheets read. */
import { type Lesson, type Progress, standing } from './course';

export interface Student {
  name: string;
  progress: Progress;
}

/**
 * CSV text: a row a student, a column an exercise and a quiz question, and how many were solved.
 * A cell that a spreadsheet would take for a formula gets an apostrophe.
 */
export function classTable(lessons: readonly Lesson[], students: readonly Student[]): string {
  const exercises = lessons.filter(lesson => lesson.ready).flatMap(lesson => lesson.exercises);
  const asked = students.flatMap(student => [...student.progress.quizzes.keys()]);
  const questions = [...new Set(asked)].sort();
  const rows = students.map(({ name, progress }) => [
    name,
    String(lessons.reduce((sum, lesson) => sum + standing(lesson, progress).solved, 0)),
    ...exercises.map(id => progress.exercises.get(id)?.verdict ?? ''),
    ...questions.map(id => progress.quizzes.get(id)?.verdict ?? '')
  ]);
  const table = [['student', 'solved', ...exercises, ...questions], ...rows];
  return table.map(row => row.map(field).join(',') + '\r\n').join('');
}

function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
