import { Component, type ReactNode } from "react";

import { Problem } from "../shared/ui/Notice";

interface Props {
  children: ReactNode;
}

// A bug of ours, or a page's file that went with an update of the server: reloading helps in the second case.
export class ErrorBoundary extends Component<Props, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Problem
        error={new Error(`This page broke: ${this.state.error.message}. Reload it.`)}
        onRetry={() => window.location.reload()}
      />
    );
  }
}
