/* An extension of Python that calls back, and one that reads a null pointer. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

__attribute__((noinline)) static long read_it(const long *at) { return *at; }

static PyObject *parse(PyObject *self, PyObject *callback) {
  (void)self;
  if (callback == Py_None) return PyLong_FromLong(read_it((const long *)0x18) + 1);
  return PyObject_CallNoArgs(callback);
}

static PyMethodDef methods[] = {{"parse", parse, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
