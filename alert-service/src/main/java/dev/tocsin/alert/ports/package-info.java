/**
 * What evaluation says and what it needs to know of what was said before, as it passes between the
 * core and Kafka.
 */
@NullMarked
package dev.tocsin.alert.ports;

import org.jspecify.annotations.NullMarked;
