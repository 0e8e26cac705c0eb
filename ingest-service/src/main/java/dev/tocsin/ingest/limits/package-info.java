/** What storage takes, as it says itself: what lies outside is rejected where it arrives. */
@NullMarked
package dev.tocsin.ingest.limits;

import org.jspecify.annotations.NullMarked;
