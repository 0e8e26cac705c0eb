/**
 * Native Kafka clients behind Vert.x futures, poll threads that recover, topics and dead letters.
 *
 * <p>One package because a kernel for records is one thing: its parts know each other and nobody
 * else knows them; most types are not public.
 */
@NullMarked
package dev.tocsin.common.kafka;

import org.jspecify.annotations.NullMarked;
