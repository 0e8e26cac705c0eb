/** Questions about log records. */
@NullMarked
package dev.tocsin.storage.read.log;

import org.jspecify.annotations.NullMarked;
