/** How long to wait, in milliseconds, before each further try, and before each question for an outcome. */
export const patience = {
  reads: [300, 900, 2700],
  /** Long enough for a service to be started again. */
  writes: [300, 900, 2700, 5000, 8000],
  questions: [300, 600, 1200, 2400, 4800],
  /** Longer than this nobody is kept waiting without a word. */
  longest: 5000,
};
