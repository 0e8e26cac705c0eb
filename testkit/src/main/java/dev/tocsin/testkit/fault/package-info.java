/** Faults of the network between a test and a real server, made on purpose. */
@NullMarked
package dev.tocsin.testkit.fault;

import org.jspecify.annotations.NullMarked;
