/**
 * Real Kafka and PostgreSQL as child processes that die with their parent.
 *
 * <p>One package because both servers share child processes, data directories and the cache, and
 * none of that is for others.
 */
@NullMarked
package dev.tocsin.embedded;

import org.jspecify.annotations.NullMarked;
