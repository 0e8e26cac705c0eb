/** A batch in one statement, compare-and-set on the offset it begins at. */
@NullMarked
package dev.tocsin.storage.write.commit;

import org.jspecify.annotations.NullMarked;
