/** The reference corpus: deterministic telemetry by which storage is measured. */
@NullMarked
package dev.tocsin.testkit.corpus;

import org.jspecify.annotations.NullMarked;
