/** Real Kafka and PostgreSQL as child processes that die with their parent. */
@NullMarked
package dev.tocsin.embedded;

import org.jspecify.annotations.NullMarked;
