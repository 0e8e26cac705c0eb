/**
 * Native Kafka clients behind Vert.x futures, poll threads that recover, topics and dead letters.
 */
@NullMarked
package dev.tocsin.common.kafka;

import org.jspecify.annotations.NullMarked;
