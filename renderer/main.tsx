import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { createServices } from './app/create-services.ts';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App services={createServices(window.tallylight)} />);
