/** What both transports share: admission, the course of one call, answers and counts. */
@NullMarked
package dev.tocsin.ingest.receive;

import org.jspecify.annotations.NullMarked;
