"""A program that makes reports, and reads one that is not there."""
import ctypes


class Report:
    def __init__(self, rows):
        self.rows = rows

    def title(self):
        return ctypes.string_at(self.rows[0])

    def lines(self):
        yield self.title()


def write(report):
    return b'\n'.join(report.lines())


def main():
    write(Report([0]))


main()
