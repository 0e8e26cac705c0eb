/** What a conformance case is, what it may send, and how its outcome is judged. */
@NullMarked
package dev.tocsin.app.conformance.check;

import org.jspecify.annotations.NullMarked;
