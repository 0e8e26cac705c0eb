package dev.tocsin.storage.fanout;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/** Lists put together. */
final class SortedLists {
  private SortedLists() {}

  /** What any list has, once, in order. */
  static <T> List<T> union(List<? extends List<T>> lists, Comparator<? super T> order, int limit) {
    TreeSet<T> all = new TreeSet<>(order);
    lists.forEach(all::addAll);
    return all.stream().limit(limit).toList();
  }

  /**
   * Items of equal keys made one, in the order of keys.
   *
   * @param order of keys, equal for equal ones only
   */
  static <K, T> List<T> sums(
      List<? extends List<T>> lists,
      Function<T, K> key,
      Comparator<? super K> order,
      BinaryOperator<T> sum) {
    Map<K, T> byKey = new TreeMap<>(order);
    lists.forEach(list -> list.forEach(item -> byKey.merge(key.apply(item), item, sum)));
    return new ArrayList<>(byKey.values());
  }
}
