/** Makes a dashboard of the charts that a page shows. */

import { Button, Radio, Stack } from "@mantine/core";
import { useState } from "react";
import { useViews, VIEW_NAME_LENGTH } from "#api/views.ts";
import { NameDialog } from "#widgets/name-dialog.tsx";
import {
  chartsLeftOut,
  dashboardOf,
  EMPTY,
  MOST_PANELS,
  MOST_RUNS,
  newNameProblem,
  type ShownCharts,
  writtenDashboard,
} from "./dashboard.ts";
import styles from "./dashboard-page.module.css";

interface SaveChartsProps {
  readonly project: string;
  readonly shown: ShownCharts;
  /** Ids of the runs that are drawn. */
  readonly runs: readonly string[];
  readonly onMade: (name: string) => void;
}

export function SaveCharts(props: SaveChartsProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" data-testid="save-charts" onClick={() => setAsking(true)}>
        Save as dashboard
      </Button>
      {asking && <SaveDialog {...props} onClose={() => setAsking(false)} />}
    </>
  );
}

function SaveDialog({ project, shown, runs, onMade, onClose }: SaveChartsProps & { onClose: () => void }) {
  const { views, save } = useViews(project, "dashboard");
  const [which, setWhich] = useState("these");
  const notes = [
    ...(chartsLeftOut(shown) > 0 ? [`all but the first ${MOST_PANELS} charts`] : []),
    ...(which === "these" && runs.length > MOST_RUNS ? [`all but the first ${MOST_RUNS} runs`] : []),
  ];
  return (
    <NameDialog
      title="Save these charts as a dashboard"
      action="Save"
      initial=""
      maxLength={VIEW_NAME_LENGTH}
      problemOf={(wanted) => views && newNameProblem(wanted, views)}
      onClose={onClose}
      onName={async (name) => {
        await save(name, writtenDashboard(dashboardOf(shown, which === "these" ? runs : [])));
        onMade(name);
      }}
    >
      <Radio.Group label="Of which runs" size="xs" mt={10} value={which} onChange={setWhich}>
        <Stack gap={6} mt={4}>
          <Radio size="xs" value="these" label={runs.length === 1 ? "This run" : `These ${runs.length} runs`} />
          <Radio size="xs" value="newest" label={`The newest ${EMPTY.most} runs, whichever they are then`} />
        </Stack>
      </Radio.Group>
      {notes.length > 0 && <p className={styles.hint}>A dashboard leaves out: {notes.join("; ")}.</p>}
    </NameDialog>
  );
}
