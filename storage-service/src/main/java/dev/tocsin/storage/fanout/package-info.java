/** Answers of several databases put together as of one. */
@NullMarked
package dev.tocsin.storage.fanout;

import org.jspecify.annotations.NullMarked;
