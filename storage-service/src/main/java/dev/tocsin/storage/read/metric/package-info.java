/** Questions about series, as a source of PromQL. */
@NullMarked
package dev.tocsin.storage.read.metric;

import org.jspecify.annotations.NullMarked;
