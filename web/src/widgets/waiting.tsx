/** What stands where an answer is on its way. */

import { Loader } from "@mantine/core";
import styles from "./waiting.module.css";

export function Waiting() {
  return (
    <div className={styles.waiting} aria-busy="true">
      <Loader size={20} color="gray" />
    </div>
  );
}
