//! Tests of the object system against a machine that is ordinary memory.
