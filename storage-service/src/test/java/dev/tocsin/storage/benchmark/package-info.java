/** The storage benchmark: a program, see docs/design/storage-service.md; nothing here is a test. */
@NullMarked
package dev.tocsin.storage.benchmark;

import org.jspecify.annotations.NullMarked;
