package dev.tocsin.alert.evaluate;

import dev.tocsin.common.contract.AlertStateRecord;
import java.util.List;
import java.util.Set;

/** Where the states of alerts survive their evaluator. */
public interface StateStore {
  /**
   * The states of all instances of the named groups as last published by anybody. Blocks; called by
   * the evaluation thread only.
   *
   * @param groups keys of rule groups
   * @throws RuntimeException when they cannot be read now
   */
  List<AlertStateRecord> load(Set<String> groups);
}
