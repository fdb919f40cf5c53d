"""Checkers, hints and quiz questions, one module a lesson: lesson_05 belongs to lessons/05_*.

They stand in the package and not beside the notebooks, so that a notebook finds them wherever it
is opened, and so that nobody meets the answers while looking for the questions.
"""
