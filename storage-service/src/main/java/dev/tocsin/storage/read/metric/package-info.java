/**
 * Questions about series, as a source of PromQL.
 *
 * <p>One package because a question about series goes all the way: matchers, catalogue, segments,
 * samples; what it needs of other packages is what all questions need.
 */
@NullMarked
package dev.tocsin.storage.read.metric;

import org.jspecify.annotations.NullMarked;
