import { paths, type OutputAddress } from "../../api/paths";
import { Icon } from "../../shared/ui/Icon";
import styles from "./StepOutput.module.css";

interface Props {
  address: OutputAddress;
  facts: string;
  running: boolean;
  following: boolean;
  onFollow: (following: boolean) => void;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
}

export function OutputBar(props: Props) {
  const { address, facts, running, following, onFollow, wrap, onWrap } = props;
  return (
    <div className={styles.bar}>
      <span>{facts}</span>
      {running && <Toggle label="Follow" pressed={following} onPress={onFollow} />}
      <Toggle label="Wrap" pressed={wrap} onPress={onWrap} />
      <a href={paths.output(address)} download={`${address.attempt}-${address.step}.txt`}>
        <Icon name="down" size={12} /> Raw
      </a>
    </div>
  );
}

function Toggle(props: { label: string; pressed: boolean; onPress: (pressed: boolean) => void }) {
  const { label, pressed, onPress } = props;
  return (
    <button type="button" aria-pressed={pressed} onClick={() => onPress(!pressed)}>
      {label}
    </button>
  );
}
