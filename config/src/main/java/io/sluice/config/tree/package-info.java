/** HOCON files as a plain tree in which every value knows its file and line; the only place that imports Typesafe Config. */
@NullMarked
package io.sluice.config.tree;

import org.jspecify.annotations.NullMarked;
