package dev.tocsin.alert.ports;

import dev.tocsin.common.contract.AlertStateRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where the states of alerts survive their evaluator. Called by the evaluation thread only. */
public interface StateStore {
  /**
   * The states of all instances of the named groups as last published by anybody before the reading
   * began. Blocks for a moment only: empty when the reading is not through yet; asked again for the
   * same, it goes on where it stopped.
   *
   * @param groups keys of rule groups
   * @param reading number of the reading: with another one, or for other groups, it begins anew
   * @throws RuntimeException when they cannot be read now; the next call begins anew
   */
  Optional<List<AlertStateRecord>> load(Set<String> groups, long reading);
}
