/**
 * What services say to each other over Kafka: topics, records, versions and codecs; prose in
 * docs/contracts.md.
 */
@NullMarked
package dev.tocsin.common.contract;

import org.jspecify.annotations.NullMarked;
