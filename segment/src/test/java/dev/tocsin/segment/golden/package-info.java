/** The format as it is on people's disks. */
@NullMarked
package dev.tocsin.segment.golden;

import org.jspecify.annotations.NullMarked;
